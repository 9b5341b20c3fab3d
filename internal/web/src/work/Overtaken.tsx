// What becomes of a command for the screen that it belongs to: the screen is read again,
// and says so when somebody else was faster.
import { useState } from "preact/hooks";
import { texts } from "../ui/language";

const t = texts({ overtaken: ["别人刚刚处理过，下面是现在的情况。", "Somebody else was faster. This is what is now true."] });

/** What every form on a screen is given. */
export interface Outcome {
  /** The command is done. */
  changed: () => void;
  /** The server refused it because the record has changed. */
  overtaken: (error: { message: string }) => void;
}

/** The outcome of a screen's forms, which `reload` follows, and the server's message when the last one was overtaken. */
export function useOutcome(reload: () => void): { message: string | undefined; outcome: Outcome } {
  const [message, setMessage] = useState<string>();
  const read = (said?: string) => {
    setMessage(said);
    reload();
  };
  return { message, outcome: { changed: () => read(), overtaken: (error) => read(error.message) } };
}

/** Says that somebody else was faster, if so: the server's message, and who it was. */
export function Overtaken({ message, by }: { message: string | undefined; by: string }) {
  if (!message) return null;
  return (
    <div class="card overtaken" role="alert">
      <strong>{t.overtaken}</strong>
      <p>{message}</p>
      <p>{by}</p>
    </div>
  );
}
