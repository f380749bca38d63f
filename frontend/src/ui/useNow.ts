import { useEffect, useState } from "react";

/** The clock in nanoseconds while something runs, half a second apart; undefined while nothing does. */
export function useNow(running: boolean): string | undefined {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [running]);
  return running ? `${now}000000` : undefined;
}
