import type { Manifest, ManifestFile } from './manifest.ts';

/** A manifest whose signature was verified by the root that it names. */
export interface CheckedManifest {
  readonly file: ManifestFile;
  readonly content: Manifest;
  /** Of its root: base64url of the SHA-256 of the public key. */
  readonly fingerprint: string;
}

/** Why what the service offers is not taken. All of it is shown loudly: no honest service does that. */
export const ALARMS = ['bad_manifest', 'other_root', 'rolled_back', 'forked', 'no_manifest'] as const;
export type Alarm = (typeof ALARMS)[number];

export type Offer =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'checked'; readonly manifest: CheckedManifest };

export type Outcome =
  | { readonly kind: 'take'; readonly manifest: CheckedManifest }
  | { readonly kind: 'keep' }
  | { readonly kind: 'alarm'; readonly alarm: Alarm };

/** What becomes of a manifest that the service offers. A root, once it is known here, is never left for another one. */
export function nextManifest(anchor: string | null, kept: CheckedManifest | null, offer: Offer): Outcome {
  if (offer.kind === 'none') return anchor === null && kept === null ? { kind: 'keep' } : alarm('no_manifest');
  if (offer.kind === 'unreadable') return alarm('bad_manifest');
  const { manifest } = offer;
  if (manifest.fingerprint !== (anchor ?? kept?.fingerprint ?? manifest.fingerprint)) return alarm('other_root');
  if (kept === null || kept.fingerprint !== manifest.fingerprint) return { kind: 'take', manifest };
  const [before, now] = [kept.content.serial, manifest.content.serial];
  if (now < before) return alarm('rolled_back');
  if (now > before) return { kind: 'take', manifest };
  return manifest.file.manifest === kept.file.manifest ? { kind: 'keep' } : alarm('forked');
}

function alarm(why: Alarm): Outcome {
  return { kind: 'alarm', alarm: why };
}
