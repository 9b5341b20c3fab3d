// What a notice says: exactly what issuing freezes.
import { Facts } from "../../ui/Facts";
import { day } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import { to } from "../to";
import type { Notice } from "./query";

const t = texts({
  school: ["学校", "School"],
  team: ["督查组", "Team"],
  deadline: ["整改期限", "Deadline"],
  requirements: ["整改要求", "Requirements"],
  items: ["列明的隐患", "Hazards on it"],
});

/** The same before it is issued and after. */
export function NoticeContent({ notice }: { notice: Notice }) {
  return (
    <>
      <Facts rows={[[t.school, notice.school?.name], [t.team, notice.team?.name], [t.deadline, day(notice.deadlineOn)], [t.requirements, notice.requirements]]} />
      <h2>{t.items}</h2>
      <ol class="items">
        {notice.items?.map((item) => (
          <li key={item.id}>
            {item.hazard ? <a href={to(["hazard", item.hazard.id])}>{item.problem}</a> : item.problem}{" "}
            <span class="soft">{[item.place, item.basis, item.requirement, word(item.hazard?.status)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
