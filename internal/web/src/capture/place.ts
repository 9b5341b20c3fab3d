// Where the phone is. Nobody is kept from working by not knowing it.
import { signal } from "@preact/signals";

export interface Position {
  latitude: number;
  longitude: number;
}

/** Why the last look for the position found none; null when it found one, or none was made. */
export const placeProblem = signal<"refused" | "unknown" | null>(null);

/** The position, as the phone gives it within some seconds; null when it does not. */
export function locate(): Promise<Position | null> {
  return new Promise((resolve) => {
    const none = (problem: "refused" | "unknown") => {
      placeProblem.value = problem;
      resolve(null);
    };
    if (!navigator.geolocation) return none("unknown");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        placeProblem.value = null;
        resolve({ latitude: coords.latitude, longitude: coords.longitude });
      },
      (error) => none(error.code === error.PERMISSION_DENIED ? "refused" : "unknown"),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  });
}
