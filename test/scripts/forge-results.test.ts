import { expect, test } from "vitest";
import { parseTests, readTests } from "../../scripts/forge/results.ts";
import { parseCampaign } from "../../scripts/fuzz/campaign.ts";

const passing = `Compiling 1 files with Solc 0.8.37
Ran 2 tests for test/contracts/invariant/Market.t.sol:MarketInvariants
[PASS] invariant_A() (runs: 8, calls: 256, reverts: 1)

╭-------+-------+-------+---------+----------╮
| Actor | Name  | Calls | Reverts | Discards |
| Actor | stake | 200   | 1       | 0        |
| Actor | thaw  | 56    | 0       | 0        |
╰-------+-------+-------+---------+----------╯

[PASS] invariant_B() (runs: 8, calls: 256, reverts: 1)
| Actor | stake | 200   | 1       | 0        |

Ran 1 test for test/contracts/unit/Till/pay.t.sol:PayTest
[PASS] testFuzz_Pays(uint64[6],bytes) (runs: 8, μ: 1, ~: 1)
Suite result: ok. 1 passed; 0 failed; 0 skipped; finished in 1.07s (1.06s CPU time)

Ran 2 test suites in 6.99s (6.89s CPU time): 3 tests passed, 0 failed, 0 skipped (3 total tests)
`;
const failing = `Ran 3 tests for test/contracts/invariant/Market.t.sol:MarketInvariants
[FAIL: staking: 1 != 2]
\t[Sequence] (original: 2, shrunk: 1)
\t\tsender=0x44 addr=[test/Market.t.sol:Actor]0x56 calldata=stake(uint64,uint8) args=[4 [4e0], 3]
 invariant_StakingIsSolvent() (runs: 1, calls: 32, reverts: 0)
[FAIL: Till_Empty(); counterexample: calldata=0xb2 args=[2, 68 [6.8e1]]] testFuzz_Pays(uint128,uint128) (runs: 0, μ: 0, ~: 0)
[FAIL: EvmError: Revert] setUp() (gas: 0)
Suite result: FAILED. 0 passed; 3 failed; 0 skipped; finished in 1.61s (1.56s CPU time)

Ran 1 test suite in 1.6s (1.56s CPU time): 0 tests passed, 3 failed, 0 skipped (3 total tests)

Failing tests:
Encountered 1 failing test in test/contracts/invariant/Market.t.sol:MarketInvariants
[FAIL: EvmError: Revert] setUp() (gas: 0)
`;

test("tests that pass are counted with their suite's name", () => {
  expect(parseTests(passing)).toEqual({ passed: 3, failed: [] });
  expect(readTests(passing)?.map(({ name }) => name)).toEqual([
    "MarketInvariants.invariant_A()",
    "MarketInvariants.invariant_B()",
    "PayTest.testFuzz_Pays(uint64[6],bytes)",
  ]);
});

test("failures carry their reason and their calls, each once", () => {
  const prefix = "MarketInvariants.";
  expect(parseTests(failing)?.failed).toEqual([
    `${prefix}invariant_StakingIsSolvent()`,
    `${prefix}testFuzz_Pays(uint128,uint128)`,
    `${prefix}setUp()`,
  ]);
  const [invariant, fuzz, setUp] = readTests(failing) ?? [];
  expect(invariant).toMatchObject({ reason: "staking: 1 != 2", calls: 32 });
  expect(invariant?.sequence).toHaveLength(1);
  expect(fuzz?.reason).toContain("Till_Empty()");
  expect(setUp?.reason).toBe("EvmError: Revert");
});

test("sources that do not compile have no tests", () => {
  expect(parseTests("Error: Compiler run failed:\nError (7576): Undeclared identifier.")).toBeUndefined();
});

test("a campaign tells calls from distinct ones and adds up its functions", () => {
  expect(parseCampaign(passing)).toMatchObject({
    calls: 512,
    distinctCalls: 256,
    reverts: 2,
    functions: { "Actor.stake": { calls: 400, reverts: 2 }, "Actor.thaw": { calls: 56, reverts: 0 } },
  });
});
