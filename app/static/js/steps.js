/* A form that is said in steps (form[data-steps]): shows what is of one step at a time, and with each turn on seals all
   that is known by now in the outbox, in silence. Without it the form is one long page.

   data-step="1 4": a part of steps 1 and 4, with an h2[tabindex] to go to; data-step="after": shown when it waits here.
   data-turn="-1", "1": the buttons back and on. data-leave: a link away, or a button that
   says where to, that keeps first what was said.
   data-where="Step # of %": which step it is of how many.
   Fields: `step` counts what was said, `at` is the step that is shown: texts, for the draft to keep them, and `at` is
   disabled, for nobody to send it. `done` is true, and false in all that is said before the form itself is sent.

   For others: steps.show(form, at); steps.said(form) resolves when it is sealed; "stepped" on the form when it moved. */
(() => {
  'use strict';
  const {log, outbox, waits} = window, TREMBLE = 400, PATIENCE = 1000;
  const all = (form, what) => [...form.querySelectorAll(what)], of = part => part.dataset.step.split(' ');
  const last = form => Math.max(...all(form, '[data-step]').flatMap(of).map(Number).filter(Boolean));
  const here = form => Number(form.elements.at.value) || 1;
  let turned = -TREMBLE;

  const show = (form, at, moved = true) => {
    const end = last(form), within = to => to >= 1 && to <= end;
    if (within(at)) form.elements.at.value = at;
    for (const part of all(form, '[data-step]')) part.hidden = !of(part).includes(String(at));
    for (const button of all(form, '[data-turn]')) button.hidden = !within(Number(at) + Number(button.dataset.turn));
    // Enter in a field is not the end of it.
    for (const button of all(form, '[type=submit]')) button.disabled = Boolean(button.closest('[data-step][hidden]'));
    for (const place of document.querySelectorAll('[data-where]')) {
      place.hidden = !within(at);
      place.textContent = place.dataset.where.replace('#', at).replace('%', end);
    }
    form.classList.add('stepwise');
    form.dispatchEvent(new CustomEvent('stepped', {detail: {at, end}}));
    if (!moved) return;
    form.querySelector('[data-step]:not([hidden]) h2')?.focus({preventScroll: true});
    scrollTo({top: 0});
  };

  const said = async form => {
    const body = new FormData(form), {step} = form.elements;
    if (!log || !form.matches('[data-log]')) return;
    body.set('done', 'false');
    step.value = Number(step.value) + 1;
    step.dispatchEvent(new Event('input', {bubbles: true}));  // the draft knows it too
    await log.seal(form, {action: form.getAttribute('action'), body}, true);
    outbox.flush().then(waits.told, () => {});
  };

  const turn = (form, by) => {
    const shown = [...form.elements].filter(field => !field.closest('[hidden]'));
    if (by > 0 && !shown.every(field => field.reportValidity())) return;
    show(form, here(form) + by);
    if (by > 0) said(form).catch(() => {});  // it stays a draft
  };

  const leave = async (form, to) => {
    const late = new Promise(resolve => setTimeout(resolve, PATIENCE));
    await Promise.race([said(form).catch(() => {}), late]);
    location.assign(to);
  };

  document.addEventListener('click', event => {
    const button = event.target.closest('[data-turn], [data-leave]'), form = button?.closest('form[data-steps]');
    const to = button?.href || button?.dataset.leave;
    if (!form || to && !(log && form.matches('[data-log]'))) return;
    event.preventDefault();
    if (to) return leave(form, to);
    if (event.timeStamp - turned > TREMBLE) turn(form, Number(button.dataset.turn));
    turned = event.timeStamp;
  });

  /* A form that came, came back refused (the first that needs another look), or was brought back by its draft. */
  const begin = form => {
    const wrong = form.querySelector('[aria-invalid=true]')?.closest('[data-step]');
    show(form, wrong ? Number(of(wrong)[0]) : form.querySelector('.error') ? last(form) : here(form), false);
  };
  const beginAll = () => document.querySelectorAll('form[data-steps]').forEach(begin);

  document.addEventListener('fill', ({target}) => target.matches('[data-steps]') && begin(target));
  document.addEventListener('freed', ({target}) => target.matches('[data-steps]') && setTimeout(show, 0, target, 'after'));
  document.addEventListener('reset', ({target}) => target.matches('[data-steps]') && setTimeout(show, 0, target, 1, false));
  document.addEventListener('htmx:after:swap', beginAll);
  beginAll();

  window.steps = {show, said};
})();
