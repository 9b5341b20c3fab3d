// The pages in a real browser, against a running server whose month has been played
// (`cleargrid seed --simulate`), and the capture page against one whose month is on
// (`cleargrid seed`). internal/e2e/pages starts all: go test ./internal/e2e/pages.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "test",
  outputDir: "test/results",
  // Files run side by side, the tests of a file one after another.
  fullyParallel: false,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // A test that passes at the second try only is a fault to be found.
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: process.env.LIST ? "list" : "line",
  projects: [
    { name: "pages", testIgnore: /capture-/, use: { baseURL: process.env.CLEARGRID_URL } },
    { name: "capture", testMatch: /capture-/, use: { baseURL: process.env.CLEARGRID_CAPTURE_URL, viewport: { width: 360, height: 740 } } },
  ],
  use: {
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    screenshot: "only-on-failure",
    // A trace of every test takes as long as the test: only when asked for.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      // internal/testkit finds one; without it, the one that Playwright has installed.
      executablePath: process.env.CHROMIUM,
      args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    },
  },
});
