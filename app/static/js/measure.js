/* The page of a measure: a tap on an answer goes on by itself; whoever uses the keys goes on by the buttons. A question
   that hangs on another is passed over. An answer that leads to help brings it, is kept at once, and nothing moves on. */
(() => {
  'use strict';
  const {steps} = window, SEEN = 200, TREMBLE = 400, form = () => document.getElementById('measure');
  if (!form() || !steps) return;
  let at = Number(form().elements.at.value) || 1, since = -TREMBLE;

  const part = step => form().querySelector(`[data-step="${step}"]`);
  const applies = ({dataset: {after, least}}) => !after || Number(form().elements[after].value) >= Number(least);

  document.addEventListener('stepped', ({target, detail}) => {
    if (target !== form() || !Number(detail.at)) return;
    const by = detail.at < at ? -1 : 1;
    at = Number(detail.at);
    since = performance.now();
    if (!applies(part(at))) steps.show(form(), at + by);
  }, true);

  const goOn = from => {
    if (from !== at) return;
    steps.show(form(), at + 1);
    steps.said(form()).catch(() => {});  // it stays a draft
  };

  /* A second tap of a thumb that trembles would answer the next question. */
  document.addEventListener('click', event => {
    const answer = event.target.closest('#measure.stepwise .question input');
    if (!answer || !event.detail) return;
    if (event.timeStamp - since < TREMBLE) event.preventDefault();
    else if (!answer.dataset.help) setTimeout(goOn, SEEN, at);
  });

  document.addEventListener('change', ({target}) => {
    const help = target.closest('#measure') && document.getElementById(target.dataset.help)?.querySelector('h2, h3');
    if (!help) return;
    document.getElementById('said').textContent = help.textContent;
    if (form().matches('.stepwise')) scrollTo({top: 0});
    steps.said(form()).catch(() => {});
  });
})();
