/** An error as the AWS providers show it. */
export function awsError(service: string, operation: string, code: string, message: string, status = 400): Error {
  return new Error(
    `operation error ${service}: ${operation}, https response error StatusCode: ${status}, api error ${code}: ${message}`,
  );
}

export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:simulated:000000000000:${resource}`;
}
