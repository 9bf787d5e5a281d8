// Elements with text of their own whose contrast with what is behind them is below
// WCAG's limit, 4.5, or 3 for large letters. The formulas are those of WCAG 2.1. This
// is the body of a function, which a test has the browser call.
const parse = (text) => {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return { r, g, b, a };
};
const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const luminance = (c) => 0.2126 * channel(c.r) + 0.7152 * channel(c.g) + 0.0722 * channel(c.b);
const behind = (element) => {
  for (let box = element; box; box = box.parentElement) {
    const colour = parse(getComputedStyle(box).backgroundColor);
    if (colour.a > 0.99) return colour;
  }
  return { r: 255, g: 255, b: 255 };
};
const pale = [];
let seen = 0;
for (const element of document.body.querySelectorAll("*")) {
  const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const style = getComputedStyle(element);
  if (!own || ["title", "desc", "style", "script"].includes(element.localName)) continue;
  if (!element.checkVisibility() || element.closest(".copy")) continue;
  const ink = element.closest("svg") ? style.fill : style.color;
  const [high, low] = [luminance(parse(ink)), luminance(behind(element))].sort((a, b) => b - a);
  const large = parseFloat(style.fontSize) >= 24;
  const contrast = (high + 0.05) / (low + 0.05);
  seen += 1;
  if (contrast < (large ? 3 : 4.5))
    pale.push(`${element.localName}.${element.className}: ${contrast.toFixed(2)}`);
}
return { seen, pale: [...new Set(pale)] };
