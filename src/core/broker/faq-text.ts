/** What RocketMQ adds to remarks about missing topics and groups (FAQUrl.suggestTodo): one link for all of them. */
export const faqText = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';
