// Where something is, as a drawing of the school's boundary: no map, for county
// networks are closed.
import { number } from "./format";
import { fill, texts } from "./language";

const t = texts({
  place: ["位置示意图：校园边界与 {n} 个位置", "Drawing of the school's boundary with {n} places"],
  unknown: ["没有位置信息。", "The position is not known."],
  school: ["学校", "School"],
  meters: ["{n} 米", "{n} m"],
  inside: ["（校园内）", " (inside)"],
  outside: ["（校园外）", " (outside)"],
});

export interface Point {
  latitude: number;
  longitude: number;
}

/** A named place on the drawing. */
export interface Mark extends Point {
  label: string;
  tone?: "good" | "warn" | "bad" | undefined;
}

const metersPerDegree = 111_320;

/** The school's boundary (or the circle around its position where there is none) with the marks on it, north up. */
export function Position({ school, boundary, radius, marks }: { school: Point | null | undefined; boundary: Point[]; radius: number; marks: Mark[] }) {
  const center = school ?? boundary[0] ?? marks[0];
  if (!center) return <p class="soft">{t.unknown}</p>;
  const stretch = Math.cos((center.latitude * Math.PI) / 180);
  const at = (p: Point) => ({ x: (p.longitude - center.longitude) * metersPerDegree * stretch, y: (center.latitude - p.latitude) * metersPerDegree });

  const corners = boundary.map(at);
  const polygon = corners.length > 2 ? corners : null;
  const spread = Math.max(
    60,
    ...[...corners, ...marks.map(at)].flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)]),
    ...(polygon || !school ? [] : [radius]),
  ) * 1.15;
  const size = spread / 100;
  const scale = 10 ** Math.floor(Math.log10(spread));

  return (
    <figure class="position">
      <svg viewBox={`${-spread} ${-spread} ${2 * spread} ${2 * spread}`} role="img" aria-label={fill(t.place, { n: marks.length })}>
        {polygon ? (
          <polygon class="boundary" points={polygon.map(({ x, y }) => `${x},${y}`).join(" ")} stroke-width={size} />
        ) : school ? (
          <circle class="boundary" r={radius} stroke-width={size} stroke-dasharray={`${4 * size} ${3 * size}`} />
        ) : null}
        {school && <rect class="school" x={-2 * size} y={-2 * size} width={4 * size} height={4 * size}><title>{t.school}</title></rect>}
        {marks.map((m, i) => (
          <g class={`mark ${m.tone ?? ""}`}>
            <circle cx={at(m).x} cy={at(m).y} r={4 * size}><title>{m.label}</title></circle>
            <text x={at(m).x} y={at(m).y} dy={2 * size} font-size={5.5 * size} text-anchor="middle">{i + 1}</text>
          </g>
        ))}
        <g class="scale">
          <path d={`M ${-0.95 * spread} ${0.93 * spread} h ${scale}`} stroke-width={size} />
          <text x={-0.95 * spread} y={0.9 * spread} font-size={7 * size}>{fill(t.meters, { n: number(scale) })}</text>
        </g>
      </svg>
      {marks.length > 0 && (
        <figcaption>
          <ol>
            {marks.map((m) => (
              <li>
                {m.label}{" "}
                <span class="soft">
                  {m.latitude.toFixed(5)}, {m.longitude.toFixed(5)}
                  {polygon && (inside(at(m), polygon) ? t.inside : t.outside)}
                </span>
              </li>
            ))}
          </ol>
        </figcaption>
      )}
    </figure>
  );
}

function inside(p: { x: number; y: number }, ring: { x: number; y: number }[]): boolean {
  let within = false;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) within = !within;
  });
  return within;
}
