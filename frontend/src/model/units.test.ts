import { expect, test } from "vitest";
import { unitOf } from "./units";

test.each([
  ["gen_ai.response.time_to_first_chunk", 0.25, "250 ms"],
  ["http.response.body.size", 4200, "4.2 kB"],
  ["gen_ai.usage.input_tokens", 1312, "1,312 tok"],
  ["ai.response.msToFinish_ms", 1240, "1.24 s"],
  ["langfuse.elapsed_ns", 300000, "0.3 ms"],
  ["operation.cost", 0.1, "USD"],
  ["process.cpu.utilization", 0.123, "12.3 %"],
  ["http.status_code", 200, null],
  ["gen_ai.usage.input_tokens", "many", null],
  ["gen_ai.request.max_tokens", 100, "100 tok"],
  ["db.client.operation.duration", "1.5", "1.50 s"],
])("%s %s is %s", (name, value, expected) => expect(unitOf(name, value)).toBe(expected));
