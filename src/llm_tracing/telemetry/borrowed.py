"""What belongs to the process and is changed for a time: environment variables and functions of other packages."""

import os
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias

import wrapt

Wrapper: TypeAlias = Callable[[Callable[..., Any], Any, tuple[Any, ...], dict[str, Any]], Any]


class BorrowedEnvironment:
    """Sets variables and puts back what was there."""

    def __init__(self, environ: MutableMapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._before: dict[str, str | None] = {}

    def set(self, name: str, value: str) -> None:
        self._before.setdefault(name, self._environ.get(name))
        self._environ[name] = value

    def default(self, names: tuple[str, ...], value: str) -> None:
        """Set the first of several names for one thing, if the user has set none of them."""
        if not any(self._environ.get(name, "").strip() for name in names):
            self.set(names[0], value)

    def restore(self) -> None:
        for name, value in self._before.items():
            if value is None:
                self._environ.pop(name, None)
            else:
                self._environ[name] = value
        self._before.clear()


class BorrowedFunction:
    """A method that is wrapped as soon as its module is imported, and given back.

    If somebody has wrapped it after us, ours stays inside and does nothing.
    """

    def __init__(self, module: str, class_name: str, method: str, wrapper: Wrapper) -> None:
        self._module, self._class_name, self._method = module, class_name, method
        self._wrapper = wrapper
        self._active = False
        self._installed: Any = None  # a wrapt.FunctionWrapper

    def install(self) -> None:
        self._active = True
        if self._module in sys.modules:
            self._wrap()
        else:
            wrapt.register_post_import_hook(lambda _module: self._wrap(), self._module)

    def _wrap(self) -> None:
        if self._active and self._installed is None:
            self._installed = wrapt.wrap_function_wrapper(
                self._module, f"{self._class_name}.{self._method}", self._call
            )

    def _call(self, wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._wrapper(wrapped, instance, args, kwargs) if self._active else wrapped(*args, **kwargs)

    def remove(self) -> None:
        self._active = False
        if self._installed is None:
            return
        owner = getattr(sys.modules[self._module], self._class_name)
        if vars(owner).get(self._method) is self._installed:
            setattr(owner, self._method, self._installed.__wrapped__)
        self._installed = None
