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
  readonly accessToken: string;
  readonly expiresInMs: number;
  readonly channels: readonly ChannelGrant[];
}

export function mayOrganise(member: Member): boolean {
  return member.roles.includes('admin') || member.roles.includes('sender');
}
