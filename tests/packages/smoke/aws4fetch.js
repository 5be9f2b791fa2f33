// aws4fetch
import { AwsClient } from "aws4fetch";
export default async ({ equal }) => {
  const aws = new AwsClient({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", service: "s3", region: "us-east-1" });
  const signed = await aws.sign("https://examplebucket.s3.amazonaws.com/test.txt", { aws: { datetime: "20130524T000000Z" } });
  equal(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20130524\/us-east-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/.test(signed.headers.get("authorization")), true);
};
