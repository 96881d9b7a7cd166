import type { LocalValues } from '../platform/local_values.ts';
import type { Http, HttpAnswer } from './http.ts';
import type { Prover } from './prover.ts';

/** Set while this device keeps a key, so that who has none loads nothing of it. */
export const HAS_KEY = 'holdfast.device_key';

/**
 * Shows with each request that it is this device that asks, where it has a key. A proof that the service does not take is
 * made once more, with the service's time: a device's clock may be wrong.
 */
export function proving(http: Http, values: LocalValues, load: () => Promise<Pick<Prover, 'prove'>>): Http {
  return async (request) => {
    const send = async (saidAt?: number): Promise<HttpAnswer> => {
      const proof = await (await load()).prove(request.method, request.path, saidAt);
      return http(proof === null ? request : { ...request, proof });
    };
    try {
      const answer = values.get(HAS_KEY) === null ? await http(request) : await send();
      const isRefused = answer.kind === 'problem' && answer.code === 'proof_needed';
      return isRefused ? await send(answer.saidAt) : answer;
    } catch {
      // Its code did not come: without a connection nothing would have been answered either.
      return { kind: 'unreachable' };
    }
  };
}
