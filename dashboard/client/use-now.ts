import { useEffect, useState } from "preact/hooks";

/** Epoch seconds, brought up to date so often. @param every seconds */
export function useNow(every = 10): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), every * 1000);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
