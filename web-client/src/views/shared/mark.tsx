/** The sign: a frond above, the roots that grip below. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path d="M32 36V8M32 22c8 0 12-4 13-11M32 29c-8 0-12-4-13-11" />
      <path d="M32 36c0 9-6 11-9 19M32 36c0 9 6 11 9 19M32 36c-2 8-15 7-22 15M32 36c2 8 15 7 22 15" />
    </svg>
  );
}
