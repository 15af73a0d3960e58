/** DELETE_ACL_CONFIG (51): removes one account of the access control file. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const deleteAclConfig = defineRequest({
  code: RequestCode.DELETE_ACL_CONFIG,
  javaClass: 'DeleteAccessConfigRequestHeader',
  request: {
    accessKey: required('string'),
  },
});
