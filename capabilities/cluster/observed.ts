import { DecoratorHandler, type Dispatcher } from "undici";

/** What is to be seen of a request. */
interface Observer {
  /** It is about to be written, and can still be aborted. */
  readonly started?: (controller: Dispatcher.DispatchController) => void;
  /** Its answer begins. @param code HTTP status code */
  readonly answered?: (code: number) => void;
  /** It has failed, before or in its answer. */
  readonly failed?: (error: Error) => void;
}

/** A dispatcher of which somebody observes each request. */
export function observed(
  requests: Dispatcher,
  observerOf: (options: Dispatcher.DispatchOptions) => Observer,
): Dispatcher {
  return requests.compose(dispatch => (options, handler) => {
    const inner: Dispatcher.DispatchHandler = new DecoratorHandler(handler);
    const observer = observerOf(options);
    return dispatch(options, {
      onRequestStart(controller, context) {
        inner.onRequestStart?.(controller, context);
        observer.started?.(controller);
      },
      onResponseStart(controller, code, ...rest) {
        observer.answered?.(code);
        inner.onResponseStart?.(controller, code, ...rest);
      },
      onResponseData: (...args) => inner.onResponseData?.(...args),
      onResponseEnd: (...args) => inner.onResponseEnd?.(...args),
      onResponseError(controller, error) {
        observer.failed?.(error);
        inner.onResponseError?.(controller, error);
      },
    });
  });
}
