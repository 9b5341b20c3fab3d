// Small parts that every working screen is made of.
import type { ComponentChildren } from "preact";
import type { RequestError } from "../api/client";
import { texts } from "../ui/language";
import type { Query } from "../ui/useQuery";
import { kindOfFileName, stageName } from "./words";

const t = texts({
  loading: ["正在读取…", "Loading…"],
  again: ["重试", "Try again"],
  missing: ["没有这条记录，或不在您的范围内。", "There is no such record, or it is not in your scope."],
  overtaken: ["别人刚刚处理过，下面是现在的情况。", "Somebody else was faster. This is what is now true."],
  file: ["{stage}{kind}", "{stage} {kind}"],
});

/** What an answer shows; before it that it is awaited, or why there is none. */
export function Asked<T>({ query, children }: { query: Query<T>; children: (data: T) => ComponentChildren }) {
  if (query.data) return <>{children(query.data)}</>;
  if (query.error) return <Failure error={query.error} retry={() => void query.reload()} />;
  return <p class="soft" role="status">{t.loading}</p>;
}

/** What the server said, and a way to ask again. */
export function Failure({ error, retry }: { error: RequestError; retry: () => void }) {
  return (
    <div class="card" role="alert">
      <p class="problem">{error.code === "NOT_FOUND" ? t.missing : error.message}</p>
      <button type="button" onClick={retry}>{t.again}</button>
    </div>
  );
}

/** That somebody else was faster: the server's word and who it was. */
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

/** Names and values; a value that is not there is left out with its name. */
export function Facts({ rows }: { rows: [name: string, value: ComponentChildren][] }) {
  return (
    <dl class="work-facts">
      {rows.map(([name, value]) =>
        value === null || value === undefined || value === "" || value === false ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

interface File {
  id: string;
  kind: string;
  stage: string;
  fileName: string;
  thumbnail?: string | null;
  preview?: string | null;
}

/** The files of a record as small pictures; each opens its larger form. */
export function Files({ files }: { files: readonly File[] | null | undefined }) {
  if (!files?.length) return null;
  return (
    <ul class="work-files">
      {files.map((f) => {
        const name = `${stageName(f.stage)} ${kindOfFileName(f.kind)}`;
        const picture = f.thumbnail ? <img src={f.thumbnail} alt={`${name} ${f.fileName}`} loading="lazy" /> : <span class="blank">{f.fileName}</span>;
        return (
          <li key={f.id}>
            {f.preview ? <a href={f.preview} target="_blank" rel="noreferrer">{picture}</a> : picture}
            <span class="soft">{name}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** A short mark beside a text. */
export function Mark({ look, children }: { look?: "bad" | "warn" | "good"; children: ComponentChildren }) {
  return <span class={`badge ${look ?? ""}`}>{children}</span>;
}
