import '../../styles/qr.css';
import { encode } from 'uqr';

const QUIET_ZONE = 4;

interface Drawn {
  readonly path: string;
  readonly size: number;
}

/** Drawn as one path: dark on light in every theme, because scanners expect it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = draw(text);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect class="qr-light" width={size} height={size} />
      <path class="qr-dark" d={path} />
    </svg>
  );
}

/** The same as a file, for leaflets and slides. */
export function qrFile(text: string): string {
  const { path, size } = draw(text);
  const attributes = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"`;
  return `<svg ${attributes}><rect width="${size}" height="${size}" fill="#fff"/><path fill="#000" d="${path}"/></svg>\n`;
}

function draw(text: string): Drawn {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { path, size };
}
