/* Drafts: what is typed into form[data-draft] stays on the shelf, until the server says Kept. */
(() => {
  'use strict';
  const {shelf, fields: {listed, typed, served, fill}} = window, page = document.documentElement;
  if (!shelf) return;
  const timers = new Map(), brought = new WeakMap(), names = new WeakMap();

  const place = form => [form.dataset.draft, form.getAttribute('action')];
  const versionOf = form => form.elements.version?.value ?? '';
  const refused = form => form.querySelector('[aria-invalid=true]');

  const stop = form => { clearTimeout(timers.get(form)); timers.delete(form); };
  const save = async form => {
    stop(form);
    if (!form.isConnected || !('drafts' in page.dataset)) return;
    const id = form.elements.id.value, version = versionOf(form), words = typed(form);
    const name = [...place(form), version, id], last = names.get(form) ?? name;
    names.set(form, name);
    // What a refused form shows as its own is nowhere else yet.
    if (words === served(form) && !refused(form)) await shelf.remove(name);
    else await shelf.put(name, words, {id, version});
    if (String(last) !== String(name)) await shelf.remove(last);
  };

  /* The server's word: this very text is kept. */
  const kept = id => shelf.remove([], thing => thing.id === id || thing.name[2].endsWith(`/${id}`));

  /* With the id they may have been sent under: a repeat is one entry. With the version they were typed upon:
     a text that changed elsewhere meets the server's check. */
  const adopt = (form, {id, version}) => {
    form.elements.id.value = id;
    if (form.elements.version) form.elements.version.value = version;
  };

  const line = (form, state) => {
    if (!form.querySelector('.draft')) form.prepend(document.getElementById('say-draft').content.cloneNode(true));
    for (const part of form.querySelectorAll('[data-while]')) part.hidden = part.dataset.while !== state;
  };

  const bring = async form => {
    const found = await shelf.under(place(form)), version = versionOf(form), id = form.elements.id.value;
    const draft = found.find(each => each.version === version) ?? found[0];
    if (!draft || !version && draft.id === id) return;  // the server just gave this very text back
    const words = await shelf.words(draft), now = typed(form), name = draft.name.slice(1);
    if (words === now && version) return refused(form) || shelf.remove(name);  // kept, or shown in full
    if (words !== now && now !== served(form)) return;  // somebody is writing already
    brought.set(form, {words, draft, own: {id, version}});
    if (draft.version !== version) return line(form, 'offered');
    names.set(form, name);
    adopt(form, draft);
    if (words === now) return;
    fill(form, words);
    line(form, 'back');
  };

  /* After a plain post the word comes in the address (#kept=id) or on the page (data-kept: only that it is there). */
  const arrived = async () => {
    const [, id] = location.hash.match(/^#kept=([0-9a-f-]{36})$/) ?? [], there = page.dataset.kept;
    if (id) await kept(id).then(() => history.replaceState(history.state, '', location.pathname + location.search));
    if (there) await shelf.remove([], thing => thing.id === there && !thing.version);
  };

  document.addEventListener('click', async event => {
    const form = event.target.closest('form[data-draft]'), {words, draft, own} = brought.get(form) ?? {};
    if (event.target.id === 'draft-over') {
      form.reset();
      adopt(form, own);
      line(form, 'offered');
      listed(form)[0]?.focus();
      await shelf.remove(draft.name.slice(1));
    } else if (event.target.id === 'draft-back') {
      fill(form, words);
      adopt(form, draft);
      line(form, 'back');
      await save(form);
    }
  });

  document.addEventListener('input', event => {
    const form = event.target.form;
    if (!form?.matches('[data-draft]')) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(save, 300, form));
  });

  const saveAll = () => [...timers.keys()].forEach(save);
  document.addEventListener('visibilitychange', () => document.hidden && saveAll());
  document.addEventListener('change', saveAll);
  addEventListener('pagehide', saveAll);
  window.navigation?.addEventListener('navigate', saveAll);
  /* What the outbox has is no draft any more. */
  const sealed = (form, id) => {
    stop(form);
    names.delete(form);
    form.querySelector('.draft')?.remove();
    return kept(id);
  };
  document.addEventListener('submit', ({target}) =>
    target.matches(window.outbox ? '[data-draft]:not([data-log])' : '[data-draft]') && save(target), true);

  document.addEventListener('htmx:before:response', event => {
    const id = event.detail.ctx.response.headers.get('Kept');
    if (id && 'drafts' in page.dataset) kept(id);
  });

  window.drafts = {save, sealed};
  shelf.ready.then(async () => {
    page.dataset.drafts = '';  // now send.js may say that what was typed is kept
    await arrived();
    for (const form of document.querySelectorAll('form[data-draft]')) await bring(form);
  }, () => {});
})();
