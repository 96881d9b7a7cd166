/** How long a browser may take to begin with a file before its address is given up. */
const KEPT_MS = 60_000;

/** Hands a file to the browser, which saves it or asks where to. */
export type SaveFile = (name: string, content: Blob) => void;

export const saveFile: SaveFile = (name, content) => {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
};
