// A client of the service, with types that openapi-typescript makes from /openapi.json.
// Run by `make clients`: it checks an order that is late, and lists what is not met and what is not known.

import type { components, paths } from "./service.js";

type Check = paths["/v1/check/unpaid-work"]["post"];
type Order = components["schemas"]["unpaid-work"];
type Report = Check["responses"]["200"]["content"]["application/json"];
type Problem = components["schemas"]["problem"];

declare const process: { argv: string[] };
const address = process.argv[2];

async function check(orders: Order[], on: string): Promise<Report> {
  const response = await fetch(`${address}/v1/check/unpaid-work?on=${on}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(orders),
  });
  if (!response.ok) {
    const problem = (await response.json()) as Problem;
    throw new Error(problem.errors.map((one) => `${one.detail} @ ${one.pointer}`).join("\n"));
  }
  return (await response.json()) as Report;
}

const order: Order = {
  reference: "made-up-1",
  order_type: "community_order",
  sentence_date: "2024-02-29",
  required_minutes: 6000,
  completed_minutes: 4500,
  extended: false,
};
const report = await check([order], "2025-03-01");
for (const entry of report.reports) {
  for (const finding of entry.findings.filter((one) => one.severity === "breach")) {
    console.log(`${entry.reference} ${entry.stage}: ${finding.rule}: ${finding.message}`);
  }
}

try {
  await check([{ ...order, sentence_date: "2024-02-30" }], "2025-03-01");
} catch (error) {
  console.log(`refused: ${(error as Error).message}`);
}
