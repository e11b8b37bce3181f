/// <reference types="vite/client" />

interface Window {
  /** Put there by the desktop's preload: asks for a port, which then comes as a window message. */
  desktop?: { connect(): void };
}
