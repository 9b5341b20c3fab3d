// The campaign and the viewer that all screens share, asked once.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { graphql } from "../api/client";
import type { SceneQuery } from "../api/gql/graphql";

export const Scene = graphql(`
  query Scene {
    viewer {
      user { id name }
      roles
      memberships { school { id name } validFrom validUntil }
      grids { id }
    }
    campaigns { id title titleEn startsOn endsOn region { id name } policy { timeZone } }
    hazardCategories { code label labelEn }
  }
`);

export type Campaign = NonNullable<SceneQuery["campaigns"]>[number];

/** What a screen knows beside its own query. */
export interface SceneValue {
  campaign: Campaign;
  campaigns: Campaign[];
  /** The region that is looked at: the address's, else the campaign's own. */
  regionId: string | undefined;
  asOf: string | undefined;
  /** The schools that the viewer's sight ends at; empty when it is a whole region. */
  schools: string[];
  /** The name of a category in the reader's language. */
  category: (code: string) => string;
  categories: { code: string; name: string }[];
}

export const SceneContext = createContext<SceneValue | null>(null);

/** The scene, for screens inside of the frame. */
export function useScene(): SceneValue {
  const scene = useContext(SceneContext);
  if (!scene) throw new Error("a screen outside of the frame");
  return scene;
}
