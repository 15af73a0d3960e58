/** UPDATE_AND_CREATE_ACL_CONFIG (50): writes one account of the access control file. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const updateAndCreateAclConfig = defineRequest({
  code: RequestCode.UPDATE_AND_CREATE_ACL_CONFIG,
  javaClass: 'CreateAccessConfigRequestHeader',
  request: {
    accessKey: required('string'),
    secretKey: optional('string'),
    whiteRemoteAddress: optional('string'),
    admin: optional('boolean'),
    defaultTopicPerm: optional('string'),
    defaultGroupPerm: optional('string'),
    /** Comma list of `topic=PERM`. */
    topicPerms: optional('string'),
    /** Comma list of `group=PERM`. */
    groupPerms: optional('string'),
  },
});
