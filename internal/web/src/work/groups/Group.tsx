// One leading group: who is in it, forming it, and ending it.
import { graphql } from "../../api/client";
import type { FormLeadingGroupInput, SchoolGroupQuery } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { Facts } from "../../ui/Facts";
import { Choice, TextField } from "../../ui/Form";
import { Ordered, chosenOf } from "../../ui/Ordered";
import { day, names } from "../../ui/format";
import { texts } from "../../ui/language";
import type { Person } from "../people";
import { useWorker } from "../viewer";

const t = texts({
  none: ["还没有成立领导小组。", "There is no leading group yet."],
  head: ["组长", "Head"],
  members: ["成员", "Members"],
  on: ["成立日期", "Formed on"],
  document: ["文号", "Document number"],
  by: ["登记人", "Put on record by"],
  form: ["成立领导小组", "Form the leading group"],
  formed: ["领导小组已成立。", "The leading group is formed."],
  others: ["其他成员", "Other members"],
  dissolve: ["撤销领导小组", "End the leading group"],
  dissolveNote: ["人员变动时先撤销，再重新成立；原记录保留。", "When people change, end it and form another; the record stays."],
  dissolved: ["领导小组已撤销。", "The leading group is ended."],
  reason: ["原因", "Reason"],
});

const Send = graphql(`mutation FormLeadingGroup($input: FormLeadingGroupInput!) { formLeadingGroup(input: $input) { leadingGroup { id } } }`);
const End = graphql(`mutation DissolveLeadingGroup($input: DissolveLeadingGroupInput!) { dissolveLeadingGroup(input: $input) { leadingGroup { id } } }`);

interface Props {
  title: string;
  group: NonNullable<SchoolGroupQuery["school"]>["leadingGroup"];
  /** Of which school or region. */
  place: Pick<FormLeadingGroupInput, "schoolId" | "regionId">;
  people: Person[];
  /** Whether this person may form and end it. */
  forms: boolean;
  changed: () => void;
}

export function Group({ title, group, place, people, forms, changed }: Props) {
  const named = (from: number, until?: number) => names(group?.members?.slice(from, until).map((m) => m.user?.name) ?? []);
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      {group ? (
        <Facts
          rows={[
            [t.head, named(0, 1)],
            [t.members, named(1)],
            [t.on, day(group.formedOn)],
            [t.document, group.documentNumber],
            [t.by, group.formedBy?.name],
          ]}
        />
      ) : (
        <p class="problem">{t.none}</p>
      )}
      {forms && (
        <details open={!group} key={group?.id ?? ""}>
          <summary>{group ? t.dissolve : t.form}</summary>
          {group ? <Dissolve id={group.id} changed={changed} /> : <FormGroup place={place} people={people} changed={changed} />}
        </details>
      )}
    </section>
  );
}

function FormGroup({ place, people, changed }: Pick<Props, "place" | "people" | "changed">) {
  const { campaign, today } = useWorker();
  return (
    <CommandForm
      name={`group ${campaign.id} ${place.schoolId ?? place.regionId}`}
      command={Send}
      actions={[{ value: "form", label: t.form, look: "primary" }]}
      input={(v, ids) => ({
        id: ids("leading_group"),
        campaignId: campaign.id,
        ...place,
        headId: v.headId!,
        memberIds: chosenOf(v.memberIds),
        formedOn: v.formedOn!,
        documentNumber: v.documentNumber ?? null,
      })}
      done={t.formed}
      changed={changed}
    >
      <Choice name="headId" label={t.head} required options={people} />
      <Ordered name="memberIds" label={t.others} options={people} meaning={() => ""} />
      <TextField name="formedOn" label={t.on} type="date" max={today} required initial={today} />
      <TextField name="documentNumber" label={t.document} />
    </CommandForm>
  );
}

function Dissolve({ id, changed }: { id: string; changed: () => void }) {
  return (
    <>
      <p class="soft">{t.dissolveNote}</p>
      <CommandForm
        name={`dissolve ${id}`}
        command={End}
        actions={[{ value: "end", label: t.dissolve, look: "danger" }]}
        input={({ reason }, ids) => ({ commandId: ids("command"), leadingGroupId: id, reason: reason! })}
        done={t.dissolved}
        changed={changed}
      >
        <TextField name="reason" label={t.reason} required />
      </CommandForm>
    </>
  );
}
