/* Firefox over WebDriver BiDi: node firefox.mjs arrive|write|send ADDRESS PROFILE, with {firefox, name, passphrase, words}
   as JSON on standard input. Says as JSON, in its last line, what came of it. */
import {mkdirSync, readFileSync} from 'node:fs';
import puppeteer from 'puppeteer-core';

const [deed, address, profile] = process.argv.slice(2);
const {firefox, name, passphrase, words} = JSON.parse(readFileSync(0, 'utf8'));
// It asks nobody outside for anything.
const QUIET = {
  'app.normandy.enabled': false, 'browser.safebrowsing.downloads.enabled': false, 'services.settings.server': 'data:,',
  'datareporting.policy.dataSubmissionEnabled': false, 'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

mkdirSync(profile, {recursive: true});
const browser = await puppeteer.launch({
  browser: 'firefox', executablePath: firefox, headless: true, userDataDir: profile, extraPrefsFirefox: QUIET,
});
const page = (await browser.pages())[0];
page.setDefaultTimeout(20_000);
const open = path => page.goto(address + path, {waitUntil: 'domcontentloaded'});
const waiting = () => page.evaluate(() => self.outbox.list().then(items => items.map(self.outbox.idOf)));

const enter = async () => {
  await open('/sign-in');
  await page.type('#name', name);
  await page.type('#passphrase', passphrase);
  await Promise.all([page.waitForNavigation(), page.click('#sign-in')]);
};

/* The page has it as soon as it says so. */
const logged = async (path, fill, button) => {
  await open(path);
  await fill();
  await page.click(button);
  await page.waitForSelector('form[data-log] .notice');
};

const write = text => page.$eval('#words', (field, text) => { field.value = text; }, text);

const deeds = {
  async arrive() {
    await enter();
    return page.evaluate(() => navigator.serviceWorker.ready.then(({active}) => active.state));
  },

  async write() {
    await logged('/moods/new', () => {}, '#mood-form #mood-4');
    await logged('/check-in', () => write(words[0]).then(() => page.click('label[for=mood-3]')), '#send');
    await logged('/journal/new', () => write(words[1]), '#send');
    const numbers = await waiting();
    browser.process().kill('SIGKILL');
    return numbers;
  },

  async send() {
    await open('/today');
    if (page.url().includes('/sign-in')) await enter();
    while ((await waiting()).length) await new Promise(resolve => setTimeout(resolve, 200));
    await open('/waiting');
    await page.waitForSelector('#queue-none', {visible: true});
    return 'sent';
  },
};

console.log(JSON.stringify(await deeds[deed]()));
if (deed !== 'write') await browser.close();
process.exit();
