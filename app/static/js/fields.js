/* What is typed and ticked in a form, as text: [[name, value]] in JSON. */
(() => {
  'use strict';
  const ticked = field => /^(radio|checkbox)$/.test(field.type);
  const listed = form => [...form.elements].filter(field =>
    field.name && !/^(hidden|password|file|submit|button|fieldset)$/.test(field.type));

  const pair = field => [field.name, field.value];
  const typed = form => JSON.stringify(listed(form).filter(field => !ticked(field) || field.checked).map(pair));
  const served = form => { const copy = form.cloneNode(true); copy.reset(); return typed(copy); };

  const fill = (form, words) => {
    const pairs = JSON.parse(words);
    for (const field of listed(form)) {
      if (ticked(field)) field.checked = pairs.some(([name, value]) => name === field.name && value === field.value);
      else field.value = pairs.find(([name]) => name === field.name)?.[1] ?? '';
    }
    form.dispatchEvent(new Event('fill', {bubbles: true}));
  };

  window.fields = {ticked, listed, typed, served, fill};
})();
