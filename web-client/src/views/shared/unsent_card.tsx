import { momentWords } from '../../words/times.ts';
import { SayingCard } from './talk.tsx';
import { UnsentFoot, type UnsentFootProps } from './unsent_foot.tsx';

export interface UnsentCardProps extends UnsentFootProps {
  readonly who: string;
  readonly text: string;
  readonly writtenAt: number;
  readonly now: number;
}

/** What its writer said and this device has still to hand over. */
export function UnsentCard({ who, text, writtenAt, now, ...foot }: UnsentCardProps) {
  return <SayingCard who={who} isOwn text={text} time={momentWords(writtenAt, now)} foot={<UnsentFoot {...foot} />} />;
}
