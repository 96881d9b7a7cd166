export const ROLES = ['activist', 'observer', 'sender', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Member {
  readonly id: string;
  readonly name: string | null;
  readonly roles: readonly Role[];
}

export interface ChannelGrant {
  readonly name: string;
  readonly mayPost: boolean;
}

export interface Session {
  readonly member: Member;
  /** A ticket or an access token: shows who this is. */
  readonly token: string;
  /** How long it lets its holder post. Reading may go on for longer. */
  readonly postsForMs: number;
  readonly channels: readonly ChannelGrant[];
}

/** Whether somebody has work in the console: also who approves, and who looks on. */
export function mayOrganise({ roles }: Member): boolean {
  return roles.some((role) => role !== 'activist');
}
