/* What waits on this phone: it is sent by itself as soon as that can be; a quiet count says so; and nobody
   signs out over it unasked. */
(() => {
  'use strict';
  const {outbox, shelf, say} = window, {dataset} = document.documentElement, SECOND = 1000, DAY = 86400 * SECOND;
  const nobody = () => { if ('offline' in dataset) dataset.nobody = ''; };
  if (!outbox) return nobody();
  const pill = document.getElementById('waiting');
  let delay = 2 * SECOND, timer, shown = '';

  const only = (root, state) => {
    for (const part of root.querySelectorAll('[data-while]')) part.hidden = !part.dataset.while.split(' ').includes(state);
  };

  const state = (word, left) => {
    if (!left.length) return shown ? 'sent' : '';
    if (word === 'sign-in' || word === 'elsewhere') return 'sign-in';
    if (left.some(item => item.state === 'refused')) return 'refused';
    return left[0].at < Date.now() - DAY ? 'old' : 'later';
  };

  const paint = ({word, left}) => {
    window.listing?.(left);
    const now = state(word, left);
    pill.hidden = !now || window.listing;
    pill.querySelector('[data-count]').textContent = left.length;
    only(pill, now);
    if (now === 'sent') setTimeout(() => { pill.hidden = shown === ''; }, 5 * SECOND);
    if (now && now !== shown) document.getElementById('said').textContent = pill.innerText;
    shown = now === 'sent' ? '' : now;
  };

  /* A phone that cannot send yet is asked to keep: not to throw this away when it is short of room, and to send it
     when no page is open. */
  const hold = async () => {
    await navigator.storage?.persist?.();
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.sync?.register('outbox');
  };

  const told = result => {
    clearTimeout(timer);
    if (result.word === 'later') {
      timer = setTimeout(flush, result.after * SECOND || delay * (0.5 + Math.random()));
      delay = Math.min(2 * delay, 300 * SECOND);
      hold().catch(() => {});
    } else delay = 2 * SECOND;
    paint(result);
    channel?.postMessage(result.word);
    return result;
  };

  const flush = () => outbox.flush().then(told, () => {});

  /* Before signing out, what waits is sent; when that cannot be, somebody is asked. */

  document.addEventListener('submit', async event => {
    const form = event.target, sure = event.submitter?.id === 'leave';
    if (form.id !== 'sign-out') return;
    event.preventDefault();
    const sent = sure ? [] : outbox.flush().then(told).then(({left}) => left);
    const late = new Promise(resolve => setTimeout(() => resolve(outbox.list()), 2 * SECOND));
    if ((await Promise.race([sent, late])).length) return say('leaving', {form});
    await shelf.leave();
    const out = await fetch(form.action, {method: 'POST', redirect: 'manual'}).catch(() => ({}));
    if (out.type !== 'opaqueredirect') await shelf.setLeaving(true);
    location.assign('/sign-in');
  });

  /* An open channel would keep a page from being kept for the way back. */
  let channel;
  const open = () => {
    channel = new BroadcastChannel('outbox');
    channel.onmessage = async ({data}) => paint({word: data, left: await outbox.list()});
    flush();
  };
  addEventListener('pagehide', () => { channel = channel?.close(); });
  addEventListener('pageshow', event => event.persisted && open());
  addEventListener('online', () => { delay = 2 * SECOND; flush(); });
  document.addEventListener('visibilitychange', () => document.hidden || flush());
  window.waits = {told, only, flush, paint};
  shelf.ready.then(open, nobody);
})();
