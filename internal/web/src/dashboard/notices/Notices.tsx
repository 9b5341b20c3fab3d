// `#/notices` is a list, `#/notices/<id>` a rectification notice.
import { route } from "../../ui/route";
import { NoticeList } from "./NoticeList";
import { NoticePage } from "./NoticePage";

export function Notices() {
  const id = route.value.parts[1];
  return id ? <NoticePage key={id} id={id} /> : <NoticeList />;
}
