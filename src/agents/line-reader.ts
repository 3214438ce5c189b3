export interface LineReader {
  push(chunk: string): void;
  /** Hands over what came after the last line break, if anything did. */
  end(): void;
}

/**
 * Puts the lines of a stream together again, however it was cut into chunks. Of a line longer than
 * `longest` characters nothing is kept; `tooLong` hears its length.
 */
export function createLineReader(
  longest: number,
  take: (line: string) => void,
  tooLong: (length: number) => void,
): LineReader {
  let pieces: string[] = [];
  let length = 0;
  const keep = (piece: string): void => {
    length += piece.length;
    if (length > longest) pieces = [];
    else pieces.push(piece);
  };
  const flush = (): void => {
    if (length > longest) tooLong(length);
    else take(pieces.join(""));
    pieces = [];
    length = 0;
  };
  return {
    push(chunk) {
      const parts = chunk.split("\n");
      parts.forEach((part, index) => {
        if (index > 0) flush();
        keep(part);
      });
    },
    end() {
      if (length > 0) flush();
    },
  };
}
