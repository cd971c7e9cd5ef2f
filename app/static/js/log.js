/* A form that logs something (form[data-log]): sealed in the outbox first, then sent. It is free again as soon as
   its words are safe, and is not touched later: somebody may be typing the next thing in it. */
(() => {
  'use strict';
  const {outbox, shelf, say, renew, waits, fields: {ticked}} = window, PATIENCE = 2000;
  if (!outbox) return;

  const after = (time, value) => new Promise(resolve => setTimeout(resolve, time, value));
  const plain = element => element?.textContent.trim().replace(/\s+/g, ' ') ?? '';

  /* What was said, as its writer reads it: [[question, answer]]. */
  const told = (form, pressed) => {
    const answers = [...form.elements].filter(field => field.labels?.length && field.value.trim())
      .filter(field => !ticked(field) || field.checked)
      .map(field => ticked(field) ? [plain(field.closest('fieldset')?.querySelector('legend')), plain(field.labels[0])]
        : [plain(field.labels[0]), field.value]);
    return pressed?.value ? [['', plain(pressed)], ...answers] : answers;
  };

  /* What needed another look was written when it was written first. */
  const writtenAt = async id => {
    const item = (await outbox.list()).find(each => outbox.idOf(each) === id), post = item && await outbox.read(item);
    return post?.pairs.find(([name]) => name === 'written_at')[1] ?? new Date().toISOString();
  };

  const put = async (form, {action, body, submitter}, step) => {
    if (step) await window.drafts?.save(form);  // first: it must never know less than what was sent
    const pairs = [...body].filter(([name]) => name !== 'whose'), {log: title, draft} = form.dataset, {instead} = form.elements.id.dataset;
    const post = {action, pairs, title, draft, page: location.pathname, told: told(form, submitter), step}, id = body.get('id');
    pairs.push(['written_at', await writtenAt(id)], ['zone', Intl.DateTimeFormat().resolvedOptions().timeZone]);
    await outbox.add(id, post);
    if (instead) await shelf.remove(['outbox', instead]);  // its words are in this one
  };

  /* step: more of it will come, and its page goes on by itself. One after the other, or a step that took its time
     would come to lie over the last one. */
  let before = Promise.resolve();
  const seal = (form, request, step = false) => {
    before = before.catch(() => {}).then(() => put(form, request, step));
    return before;
  };

  const free = (form, submitter, name) => {
    form.reset();
    renew(form);
    form.dispatchEvent(new Event('freed', {bubbles: true}));
    say(name, {form, submitter});
  };

  /* The server's answer for htmx to show, or none: then it waits here, and the form says so. */
  const post = async (form, request) => {
    const {body, submitter} = request, id = body.get('id');
    const safe = await Promise.race([seal(form, request).then(() => true, () => false), after(PATIENCE, false)]);
    if (!safe) return fetch(request.action, request);  // the phone keeps nothing: the form does, until there is an answer
    window.drafts?.sealed(form, id);
    const sent = outbox.flush(id).then(waits.told);
    const late = after(navigator.onLine ? PATIENCE : 200, {word: 'later'});
    const {answer, word, mine = word, left} = await Promise.race([sent, late]);
    if (answer && (mine === 'kept' || mine === 'refused')) return answer;
    const gone = left && !left.some(item => outbox.idOf(item) === id);  // another tab has sent it
    free(form, submitter, gone ? 'sent' : mine === 'later' ? 'waiting' : 'signed-out');
    return new Response(null, {status: 204, headers: {Waiting: id}});
  };

  window.log = {seal};
  document.addEventListener('htmx:config:request', event => {
    const {ctx} = event.detail, {form} = ctx.request;
    if (form?.matches('[data-log]')) ctx.fetch = (action, request) => post(form, request);
  });
})();
