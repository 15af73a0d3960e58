/**
 * Times as mqadmin prints them, in the local time of this machine. Without Intl, whose first use costs milliseconds.
 */

const two = (value: number): string => String(value).padStart(2, '0');

/** `yyyy-MM-dd HH:mm:ss,SSS` */
export function timeWithMillis(millis: number): string {
  const time = new Date(millis);
  const day = `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${day} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** `yyyy-MM-dd HH:mm:ss` */
export const timeOfDay = (millis: number): string => timeWithMillis(millis).slice(0, 19);

/** `yyyyMMddHHmmssSSS` */
export const compactTime = (millis: number): string => timeWithMillis(millis).replaceAll(/\D/g, '');
