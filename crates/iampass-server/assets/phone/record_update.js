// Asks the service for a record again that was made before it took codes.

import { call, freshToken } from "./api.js";
import { bringAddress, changeRecord, isRecord, signerOf } from "./records.js";

/** Adds the addresses that this record lacks. Gives whether it has changed. The rest of the record stays as it is. */
export async function learnAddresses(record) {
  const { device_configuration: address } = record.service.service_urls;
  if (bringAddress(record) !== null || !address) return false;
  const answer = await call("POST", address, signerOf(record), { body: { notification_token: freshToken() } });
  const service_urls = { ...record.service.service_urls, ...answer.service?.service_urls };
  const learned = { ...record, service: { ...record.service, service_urls } };
  if (!isRecord(learned) || bringAddress(learned) === null) return false;
  record.service.service_urls = service_urls;
  await changeRecord(record);
  return true;
}
