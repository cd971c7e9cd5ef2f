/* Without signal the library is one page: it shows the skill that the address names, and its log form is that one's. */
(() => {
  'use strict';
  const [, key] = location.pathname.match(/^\/skills\/([a-z0-9-]+)$/) ?? [];
  const card = key && document.querySelector(`[data-skill="${CSS.escape(key)}"]`), form = document.getElementById('practice');
  if (!card) return;
  const option = form.querySelector(`option[value="${CSS.escape(key)}"]`), name = card.querySelector('h2');
  document.querySelector('h1').textContent = document.title = option.textContent;
  document.getElementById('shelves').hidden = form.querySelector('#which').hidden = name.hidden = true;
  option.defaultSelected = true;
  form.elements.skill.value = key;
  form.dataset.draft = `practice-${key}`;
  form.dataset.log = form.dataset.named.replace('%', option.textContent);
  card.hidden = false;
})();
