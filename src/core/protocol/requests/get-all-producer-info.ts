/** GET_ALL_PRODUCER_INFO (328): every connected producer of a broker, by group (body ProducerTableInfo). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getAllProducerInfo = defineRequest({
  code: RequestCode.GET_ALL_PRODUCER_INFO,
  javaClass: 'GetAllProducerInfoRequestHeader',
});
