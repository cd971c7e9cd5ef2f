/* What happens around a form that is sent: once, with its id, and with a word when it did not get through. */
(() => {
  'use strict';
  const read = words => { document.getElementById('said').textContent = words; };

  /* Right after the button that was pressed, where the eye is; and read out. */
  const say = (name, {form, submitter} = {}) => {
    const notice = document.getElementById(`say-${name}`).content.cloneNode(true).firstElementChild;
    let pressed = submitter;
    while (pressed && pressed.parentElement !== form) pressed = pressed.parentElement;
    if (pressed) pressed.after(notice);
    else (form ?? document.getElementById('main')).append(notice);
    notice.scrollIntoView({block: 'nearest'});
    read(notice.textContent);
  };

  const enter = () => {
    const wrong = document.querySelector('main [aria-invalid=true]');
    (wrong?.matches('fieldset') ? wrong.querySelector('input') : wrong)?.focus();
    return wrong;
  };

  /* UUID version 7: 48 bits of time, the rest chance. */
  const freshId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    for (let i = 5, time = Date.now(); i >= 0; i--, time = Math.floor(time / 256)) bytes[i] = time % 256;
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };

  /* An id belongs to one thing. (Words that changed after a lost answer keep theirs: the server shows both texts.) */
  const renew = form => {
    delete form.dataset.sent;
    if (form.elements.id && !form.elements.version) form.elements.id.value = freshId();
  };

  const busy = (form, on) => {
    if (on) form.setAttribute('aria-busy', 'true');
    else form.removeAttribute('aria-busy');
    for (const field of form.querySelectorAll('textarea, input.control')) field.readOnly = on;
  };

  document.addEventListener('submit', event => {
    const form = event.target, pressed = event.submitter?.matches('[aria-pressed]') ? event.submitter.value : '';
    if (form.hasAttribute('aria-busy')) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if ('sent' in form.dataset && form.dataset.sent !== pressed) renew(form);
    form.dataset.sent = pressed;
    form.querySelector('.notice')?.remove();
    read('');
    const plain = !form.matches('[hx-post]');
    setTimeout(() => busy(form, !plain || !event.defaultPrevented));  // later, or the button would lose its value
    if (plain) setTimeout(() => busy(form, false), 15000);
  }, true);

  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[aria-busy]')) busy(form, false);
  });

  document.addEventListener('htmx:before:response', event => {
    const {request, response: {status, headers, raw}} = event.detail.ctx, {form} = request;
    if (form && status >= 400 && status < 500) delete form.dataset.sent;  // a clear no: the id is still free
    const unkept = status < 300 && form?.matches('[data-draft]') && !headers.has('Kept') && !headers.has('Waiting');
    if (raw.redirected || unkept) {  // a stranger's page, of a network that wants a sign-in of its own
      event.preventDefault();
      say('unsent', request);
    }
  });

  document.addEventListener('htmx:response:error', event => {
    const {request, response: {status}} = event.detail.ctx;
    const kept = request.form?.matches('[data-draft]') && 'drafts' in document.documentElement.dataset;
    if (status === 401) say(kept ? 'sign-in' : 'sign-in-apart', request);
    else if (status >= 500 || status === 408 || status === 429) say('unsent', request);
    else if (status !== 422) say('refused', request);
  });

  document.addEventListener('htmx:error', event => {
    const {ctx} = event.detail;
    if (ctx && ctx.text === undefined) say('unsent', ctx.request);
  });

  document.addEventListener('htmx:before:swap', event => {
    const {ctx, tasks} = event.detail;
    ctx.focused = document.activeElement !== document.body;
    ctx.words = tasks.map(task => task.fragment.querySelector('[data-say]')?.textContent).find(Boolean);
  });

  document.addEventListener('htmx:after:swap', event => {
    const {words, focused, request: {form}, response: {status, headers}} = event.detail.ctx;
    if (words) read(words);
    if (form?.isConnected && form.elements.id?.value === headers.get('Kept')) renew(form);
    if (status === 422 && enter()) return;
    if (!focused || document.activeElement !== document.body) return;
    // What had the focus is gone: go on where it says what became of it ("Undo"), or at the top.
    const told = [...document.querySelectorAll('[data-say]')].find(element => element.textContent === words);
    (told?.parentElement.querySelector('button, a') ?? document.getElementById('main')).focus({preventScroll: true});
  });

  document.addEventListener('htmx:finally:request', event => {
    const {request: {form}, hx} = event.detail.ctx;
    if (form && !hx?.redirect) busy(form, false);
  });

  Object.assign(window, {say, renew});
  for (const form of document.forms) if (form.elements.id?.value === '') renew(form);  // of a page that is kept for all
  enter();  // a refused form that came as a page
})();
