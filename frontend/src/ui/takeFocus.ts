/** `ref={takeFocus}`: a field that is written in as soon as it shows. The attribute works once a page, when nothing has focus. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}
