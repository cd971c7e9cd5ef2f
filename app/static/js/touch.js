/* Small comforts. Without them everything still works. */
(() => {
  'use strict';
  const closeSheets = but => {
    for (const sheet of document.querySelectorAll('details.sheet[open]')) if (!sheet.contains(but)) sheet.open = false;
  };

  /* Buttons that only make sense with a script are sent hidden. */
  const unveil = root => {
    if (navigator.clipboard) for (const button of root.querySelectorAll('[data-copy]')) button.hidden = false;
    for (const button of root.querySelectorAll('[data-reveal]')) button.hidden = false;
  };

  const copy = async button => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.done;
  };

  const reveal = button => {
    const field = document.getElementById(button.dataset.reveal), shown = field.type === 'text';
    field.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
  };

  document.addEventListener('click', event => {
    const button = event.target.closest('[data-copy], [data-reveal]');
    closeSheets(event.target);
    if (button?.dataset.copy) copy(button);
    else if (button) reveal(button);
  });

  document.addEventListener('keydown', event => {
    const sheet = event.key === 'Escape' && event.target.closest?.('details.sheet[open]');
    closeSheets(sheet ? null : event.target);
    if (sheet) sheet.querySelector('summary').focus();
  });

  /* A thumb that trembles taps twice; on a quick line the second tap would meet the next, empty form. */
  const TREMBLE = 600, tapped = {};
  document.addEventListener('click', event => {
    const button = event.target.closest('[type=submit][aria-pressed]'), now = performance.now();
    if (button && tapped.id === button.id && now - tapped.at < TREMBLE) event.preventDefault();
    else if (button) Object.assign(tapped, {id: button.id, at: now});
  }, true);

  if ('worker' in document.documentElement.dataset) addEventListener('load', () =>
    navigator.serviceWorker?.register('/service-worker.js').catch(() => {}));

  document.addEventListener('htmx:after:swap', () => unveil(document));
  unveil(document);
})();
