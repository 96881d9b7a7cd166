/** A region or a team is named as a channel is. */
const LABEL = /^[A-Za-z0-9._-]{1,64}$/;
export const LABELS_MAX = 32;

export type Labels =
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'bad'; readonly label: string }
  | { readonly kind: 'too-many' };

/** Names of regions or teams as somebody types them: with commas or spaces between, each once. */
export function readLabels(text: string): Labels {
  const labels = [...new Set(text.split(/[\s,;]+/).filter((label) => label !== ''))].sort();
  const bad = labels.find((label) => !LABEL.test(label));
  if (bad !== undefined) return { kind: 'bad', label: bad };
  return labels.length > LABELS_MAX ? { kind: 'too-many' } : { kind: 'labels', labels };
}

export function labelsText(labels: readonly string[]): string {
  return labels.join(', ');
}
