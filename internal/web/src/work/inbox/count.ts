// How many of something there are, as far as it is worth counting: ids are cheap to
// read, and nobody needs more than two digits.
import { number } from "../../ui/format";

/** How many are known, and whether there are more. */
export interface Count {
  known: number;
  more: boolean;
}

/** How many are counted at most. */
export const most = 99;

/** The number, or that there are more. */
export const countText = ({ known, more }: Count): string => (more || known > most ? `${number(Math.min(known, most))}+` : number(known));
