// The filters of a list, kept in the address.
import { texts } from "../ui/language";
import { go, route } from "../ui/route";
import { filtered } from "./place";

const t = texts({
  filters: ["筛选", "Filters"],
  any: ["全部", "Any"],
  search: ["搜索", "Search"],
  yes: ["是", "Yes"],
  no: ["否", "No"],
});

/** One filter: its name in the address, what it is called, and what may be chosen. */
export interface Filter {
  name: string;
  label: string;
  options: { value: string; label: string }[];
}

/** The choices of a question that is answered by yes or no. */
export const yesNo = (): Filter["options"] => [
  { value: "true", label: t.yes },
  { value: "false", label: t.no },
];

/** A choice for each filter, and words to search for where a list can; each change is a new address. */
export function Filters({ filters, search = false }: { filters: Filter[]; search?: boolean }) {
  const { query } = route.value;
  const words = query.get("search") ?? "";
  const find = (value: string) => value.trim() !== words && go(filtered({ search: value.trim() || null }));
  return (
    <form
      class="filters"
      aria-label={t.filters}
      onSubmit={(e) => {
        e.preventDefault();
        find(String(new FormData(e.currentTarget).get("search") ?? ""));
      }}
    >
      {search && (
        <label>
          {t.search}
          <input type="search" name="search" maxLength={64} defaultValue={words} key={words} onBlur={(e) => find(e.currentTarget.value)} />
        </label>
      )}
      {filters.map((f) => {
        const value = query.get(f.name) ?? "";
        const known = !value || f.options.some((o) => o.value === value);
        return (
          <label>
            {f.label}
            <select value={value} onChange={(e) => go(filtered({ [f.name]: e.currentTarget.value || null }))}>
              <option value="">{t.any}</option>
              {f.options.map((o) => <option value={o.value}>{o.label}</option>)}
              {!known && <option value={value}>{value}</option>}
            </select>
          </label>
        );
      })}
    </form>
  );
}

/** A filter of the address that is answered by yes or no. */
export function flag(name: string): boolean | undefined {
  const value = route.value.query.get(name);
  return value === "true" ? true : value === "false" ? false : undefined;
}

/** A filter of the address as the API takes it; undefined when it is not there. */
export function choice<T extends string>(name: string): T | undefined {
  return (route.value.query.get(name) ?? undefined) as T | undefined;
}

/** A filter of the address that may hold several values. */
export function choices<T extends string>(name: string): T[] | undefined {
  const value = route.value.query.get(name);
  return value ? (value.split(",") as T[]) : undefined;
}
