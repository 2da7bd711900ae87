/** What became of an answer, in a line of the platform's log. @param {object} answer */
export const log = (answer) => console.log(JSON.stringify(answer));
