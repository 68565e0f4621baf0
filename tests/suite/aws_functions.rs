//! Lambda, API Gateway and SES.
