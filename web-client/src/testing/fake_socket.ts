import { isRecord } from '../protocol/shape.ts';

type Command = Readonly<Record<string, unknown>>;

/** A WebSocket whose far end is the test: it answers each command with what `answer` says. */
export class FakeSocket {
  static answer: (command: Command, socket: FakeSocket) => unknown = () => ({});
  /** Whether a socket that was just made opens. */
  static opens: () => boolean = () => true;
  static readonly opened: FakeSocket[] = [];

  static reset(): void {
    FakeSocket.opened.length = 0;
    FakeSocket.opens = () => true;
  }

  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  binaryType = 'blob';

  constructor() {
    FakeSocket.opened.push(this);
    const opens = FakeSocket.opens();
    queueMicrotask(() => {
      if (!opens) return this.close(1006);
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(frame: string): void {
    for (const line of frame.split('\n').filter((each) => each !== '')) {
      const command: unknown = JSON.parse(line);
      if (!isRecord(command) || command['id'] === undefined) continue;
      const reply = FakeSocket.answer(command, this);
      queueMicrotask(() => this.receive({ id: command['id'], ...(isRecord(reply) ? reply : {}) }));
    }
  }

  receive(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.onclose?.({ code, reason }));
  }
}
