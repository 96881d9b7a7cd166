import { describe, expect, it } from 'vitest';
import { EXAMPLE, LIST_MAX_BYTES, LIST_MAX_ROWS, readAnswer, readList, writeFile, writeRows, type List } from './csv.ts';

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;

function listOf(text: string): List {
  const read = readList(bytes(text));
  if (read.kind === 'unreadable') throw new Error(read.why.kind);
  return read.list;
}

describe('a list of people', () => {
  it('has its columns first, whatever their case, and says in which line a row begins', () => {
    const list = listOf('\uFEFFReference, Name\r\n1,"Siân\r\nÓ Néill"\r\n\r\n2,Bo\r\n');
    expect(list.columns).toEqual(['reference', 'name']);
    expect(list.rows).toEqual([
      { line: 2, cells: ['1', 'Siân\r\nÓ Néill'] },
      { line: 5, cells: ['2', 'Bo'] },
    ]);
  });

  it('counts lines without quotes as well, and without an end of the last', () => {
    expect(listOf('reference\n1\n\n3').rows.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('may have semicolons or tabs between its cells', () => {
    expect(listOf('reference;teams\n1;"a;b"').rows[0]?.cells).toEqual(['1', 'a;b']);
    expect(listOf('reference\tteams\n1\ta;b').rows[0]?.cells).toEqual(['1', 'a;b']);
    expect(listOf('reference,teams\n1,a;b').rows[0]?.cells).toEqual(['1', 'a;b']);
  });

  it.each([
    ['', 'empty'],
    ['reference\n', 'empty'],
    ['reference,phone\n1,2', 'column'],
    ['reference,Reference\n1,2', 'column-twice'],
    ['name\nBo', 'no-reference'],
  ])('is none when it is %j', (text, why) => {
    expect(readList(bytes(text))).toMatchObject({ kind: 'unreadable', why: { kind: why } });
  });

  it('is UTF-8, and no larger than the service takes', () => {
    expect(readList(new Uint8Array([0x72, 0xe9]).buffer)).toMatchObject({ why: { kind: 'not-utf8' } });
    expect(readList(new ArrayBuffer(LIST_MAX_BYTES + 1))).toMatchObject({ why: { kind: 'too-large' } });
    expect(readList(bytes(`reference\n${'1\n'.repeat(LIST_MAX_ROWS + 1)}`))).toMatchObject({ why: { kind: 'too-many-rows' } });
  });

  it('goes to the service row by row as it was, also where a row has too many cells', () => {
    const list = listOf('reference,name\n1,"a,b"\n2,x,y\n');
    expect(writeRows(list, list.rows)).toBe('reference,name\r\n1,"a,b"\r\n2,x,y');
  });

  it('has an example that can be read', () => {
    expect(listOf(EXAMPLE).rows).toHaveLength(3);
  });
});

describe('an answer to a list', () => {
  const csv = 'line,reference,outcome,link,reason\n2,"a,b",added,http://h/join#t,\n3,c,refused,,the row has no reference\n';

  it('says what became of each row', () => {
    expect(readAnswer(csv, 2)).toEqual([
      { reference: 'a,b', outcome: 'added', link: 'http://h/join#t', reason: '' },
      { reference: 'c', outcome: 'refused', link: '', reason: 'the row has no reference' },
    ]);
  });

  it('is none when rows are missing or what became of one is not known', () => {
    expect(readAnswer(csv, 3)).toBeNull();
    expect(readAnswer(csv.replace('added', 'eaten'), 2)).toBeNull();
    expect(readAnswer('<html>', 1)).toBeNull();
  });
});

describe('a file that people open', () => {
  it('has no cell that a spreadsheet takes for a formula', () => {
    const cells = ['=1+1', '+44', '-2', '@SUM(A1)', 'plain'];
    expect(writeFile(['a'], cells.map((cell) => [cell]))).toBe(`a\r\n"'=1+1"\r\n"'+44"\r\n"'-2"\r\n"'@SUM(A1)"\r\nplain\r\n`);
  });
});
