// That somebody else was faster: the server's word, and who it was.
import { texts } from "../ui/language";

const t = texts({ overtaken: ["别人刚刚处理过，下面是现在的情况。", "Somebody else was faster. This is what is now true."] });

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
