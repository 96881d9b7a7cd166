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

/** How a member's passkeys stand on this device, as the service said it last. */
export interface PasskeyStanding {
  /** Their rights as an organiser hold only where they have confirmed that it is them. */
  readonly isRequired: boolean;
  readonly count: number;
  readonly isConfirmed: boolean;
}

export interface Session {
  readonly member: Member;
  /** A ticket or an access token: shows who this is. */
  readonly token: string;
  /** How long it lets its holder post. Reading may go on for longer. */
  readonly postsForMs: number;
  readonly channels: readonly ChannelGrant[];
  /** Not said by an older service. */
  readonly passkeys?: PasskeyStanding;
}

/** Whether somebody has work in the console: also who approves, and who looks on. */
export function mayOrganise({ roles }: Member): boolean {
  return roles.some((role) => role !== 'activist');
}
