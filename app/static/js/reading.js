/* Without signal all readings are one page: it shows the one that the address names, and its mark is that one's. */
(() => {
  'use strict';
  const [, id] = location.pathname.match(/^\/readings\/([a-z0-9-]+)$/) ?? [];
  const text = id && document.querySelector(`[data-reading="${CSS.escape(id)}"]`), form = document.getElementById('reading-mark');
  if (!text) return;
  const option = form.querySelector(`option[value="${CSS.escape(id)}"]`);
  document.querySelector('h1').textContent = document.title = option.textContent;
  document.getElementById('themes').hidden = text.querySelector('.title').hidden = true;
  for (const part of form.querySelectorAll('.chosen')) part.hidden = true;
  option.defaultSelected = true;
  form.elements.reading.value = id;
  form.dataset.log = form.dataset.named.replace('%', option.textContent);
  text.hidden = false;
})();
